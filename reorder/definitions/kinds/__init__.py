"""One module for each kind of file that can define a build; the folder is the registry."""
