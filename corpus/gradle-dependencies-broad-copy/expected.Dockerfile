FROM gradle:8-jdk21
WORKDIR /app
COPY settings.gradle build.gradle gradle.properties ./
COPY api/build.gradle api/
COPY web/build.gradle.kts web/
COPY gradle/ gradle/
RUN gradle --no-daemon dependencies
COPY . .
RUN gradle --no-daemon bootJar
