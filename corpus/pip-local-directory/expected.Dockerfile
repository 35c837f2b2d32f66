FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
COPY libs/greet/ libs/greet/
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
CMD ["python", "main.py"]
