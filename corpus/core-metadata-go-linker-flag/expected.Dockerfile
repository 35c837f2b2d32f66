FROM golang:1.22 AS build
WORKDIR /src
COPY go.mod ./
RUN go mod download
COPY . .
ARG GIT_COMMIT
RUN CGO_ENABLED=0 go build -ldflags "-X main.commit=$GIT_COMMIT" -o /hello .

FROM debian:bookworm-slim
COPY --from=build /hello /hello
CMD ["/hello"]
