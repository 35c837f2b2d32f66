FROM python:3.11-slim
WORKDIR /app
COPY build.sh requirements.txt ./
RUN ./build.sh
COPY . .
CMD ["python", "app.py"]
