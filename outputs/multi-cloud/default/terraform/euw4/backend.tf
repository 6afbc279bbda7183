terraform {
  backend "gcs" {
    bucket = "acme-tfstate"
    prefix = "multi-cloud/default/euw4"
  }
}
