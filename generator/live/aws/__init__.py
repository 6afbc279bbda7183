"""AWS: asked through boto3."""
