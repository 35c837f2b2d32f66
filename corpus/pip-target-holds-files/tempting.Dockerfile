FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --target lib -r requirements.txt
COPY . .
CMD ["python", "main.py"]
