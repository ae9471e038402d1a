"""One printer and one template folder for each target."""
