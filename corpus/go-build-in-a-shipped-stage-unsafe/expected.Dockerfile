FROM golang:1.22
COPY proxy /proxy
ENV GOPROXY=file:///proxy GONOSUMDB=*
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN go build -o /app .
CMD ["/app"]
