plugins { java }
apply(from = "../gradle/jars.gradle.kts")
