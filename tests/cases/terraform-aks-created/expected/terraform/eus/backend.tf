terraform {
  # State stays in this folder; `state` in the spec moves it to a shared place.
  backend "local" {}
}
