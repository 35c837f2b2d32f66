FROM eclipse-temurin:21 AS build
WORKDIR /app
COPY mvnw pom.xml ./
COPY .mvn/ .mvn/
RUN ./mvnw -B dependency:go-offline
COPY . .
RUN ./mvnw -B package -DskipTests

FROM eclipse-temurin:21
COPY --from=build /app/target/a.jar /a.jar
