terraform {
  backend "azurerm" {
    storage_account_name = "acmetfstate"
    container_name       = "tfstate"
    key                  = "case/default/weu.tfstate"
    use_azuread_auth     = true
  }
}
