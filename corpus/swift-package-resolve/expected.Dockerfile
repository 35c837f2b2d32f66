FROM swift:5.10
WORKDIR /app
COPY Package.swift Package.resolved ./
COPY Core/Package.swift Core/
RUN swift package resolve
COPY . .
RUN swift build -c release
