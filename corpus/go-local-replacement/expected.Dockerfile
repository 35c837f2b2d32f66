FROM golang:1.22 AS build
COPY proxy /proxy
ENV GOPROXY=file:///proxy GONOSUMDB=*
WORKDIR /src
COPY go.mod go.sum ./
COPY lib/go.mod lib/
RUN go mod download
COPY . .
RUN go build -o /app .

FROM debian:bookworm-slim
COPY --from=build /app /usr/local/bin/app
CMD ["app"]
