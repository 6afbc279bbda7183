terraform {
  backend "gcs" {
    bucket = "acme-tfstate"
    prefix = "multi-cloud/prod/euw4"
  }
}
