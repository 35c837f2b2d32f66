FROM debian:bookworm-slim
WORKDIR /app
COPY install.sh ./
RUN chmod +x install.sh && ./install.sh
COPY . .
CMD ["sh"]
