FROM golang:1.22 AS build
COPY proxy /proxy
ENV GOPROXY=file:///proxy GONOSUMDB=*
WORKDIR /src
RUN go install example.com/tool@v1.0.0
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -o /app .

FROM debian:bookworm-slim
COPY --from=build /app /usr/local/bin/app
CMD ["app"]
