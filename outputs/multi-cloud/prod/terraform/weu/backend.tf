terraform {
  backend "azurerm" {
    storage_account_name = "acmetfstate"
    container_name       = "tfstate"
    key                  = "multi-cloud/prod/weu.tfstate"
    use_azuread_auth     = true
  }
}
