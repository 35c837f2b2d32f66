FROM maven:3.9-eclipse-temurin-21
WORKDIR /app
COPY pom.xml .
COPY api/pom.xml api/
COPY web/pom.xml web/
COPY .mvn/ .mvn/
RUN mvn -B dependency:go-offline
COPY . .
RUN mvn -B -o package
