FROM maven:3.9-eclipse-temurin-21 AS build
WORKDIR /src
COPY server/pom.xml server/
RUN mvn -B -f server/pom.xml -Pprod dependency:go-offline
COPY . .
RUN mvn -B -f server/pom.xml -Pprod -DskipTests clean package

FROM eclipse-temurin:21-jre
COPY --from=build /src/server/target/server-1.0.jar /app.jar
CMD ["java", "-jar", "/app.jar"]
