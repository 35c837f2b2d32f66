FROM maven:3.9-eclipse-temurin-21
WORKDIR /app
COPY pom.xml native.properties ./
COPY lib/old.jar lib/
COPY repo/ repo/
RUN mvn -q dependency:resolve
COPY . .
CMD ["mvn", "-o", "exec:java"]
