"""What is read from each kind of file: a module for each in ``kinds``, loaded when the first such file is met."""
