terraform {
  backend "gcs" {
    bucket = "acme-tfstate"
    prefix = "case/default/euw4"
  }
}
