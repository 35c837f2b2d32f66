// the manifest of jars
