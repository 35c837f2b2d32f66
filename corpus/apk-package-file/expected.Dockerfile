FROM alpine:3.19
WORKDIR /srv
COPY packages/tool-1.0-r0.apk packages/
RUN apk add --no-cache --allow-untrusted ./packages/tool-1.0-r0.apk && adduser -S -D -H tool
COPY . .
CMD ["tool"]
