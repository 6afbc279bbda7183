"""Where Terraform keeps its state."""

from generator.core.spec.base import SpecModel, Text, spec_field


class S3State(SpecModel):
    """Terraform state in an S3 bucket."""

    bucket: Text = spec_field(..., "Bucket.", changes="terraform: backend.tf", examples=["acme-tfstate"])
    region: Text = spec_field(..., "Region of the bucket.", changes="terraform: backend.tf", examples=["us-east-1"])
    key: Text | None = spec_field(
        None,
        "Object key; `<fleet>/<environment>/<cluster>.tfstate` when missing.",
        changes="terraform: backend.tf",
        examples=["inference/use1.tfstate"],
    )


class GcsState(SpecModel):
    """Terraform state in a Cloud Storage bucket."""

    bucket: Text = spec_field(..., "Bucket.", changes="terraform: backend.tf", examples=["acme-tfstate"])
    prefix: Text | None = spec_field(
        None,
        "Folder in the bucket; `<fleet>/<environment>/<cluster>` when missing.",
        changes="terraform: backend.tf",
        examples=["inference/euw4"],
    )


class AzurermState(SpecModel):
    """Terraform state in a container of an Azure storage account, which is asked with Entra ID and no account key."""

    storage_account: Text = spec_field(
        ..., "Storage account.", changes="terraform: backend.tf", examples=["acmetfstate"]
    )
    container: Text = spec_field(..., "Container.", changes="terraform: backend.tf", examples=["tfstate"])
    key: Text | None = spec_field(
        None,
        "Blob; `<fleet>/<environment>/<cluster>.tfstate` when missing.",
        changes="terraform: backend.tf",
        examples=["inference/weu.tfstate"],
    )


class State(SpecModel):
    """Where Terraform keeps its state: one of these, local when nothing is said."""

    s3: S3State | None = spec_field(None, "An S3 bucket, with a lock file.", changes="terraform: backend.tf")
    gcs: GcsState | None = spec_field(None, "A Cloud Storage bucket.", changes="terraform: backend.tf")
    azurerm: AzurermState | None = spec_field(None, "An Azure storage account.", changes="terraform: backend.tf")
