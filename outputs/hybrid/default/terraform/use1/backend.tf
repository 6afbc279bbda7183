terraform {
  backend "s3" {
    bucket       = "acme-tfstate"
    key          = "hybrid/default/use1.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true
  }
}
