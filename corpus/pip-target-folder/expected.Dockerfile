FROM python:3.11-slim
WORKDIR /app
COPY vendor/greet-1.0-py3-none-any.whl vendor/
RUN pip install --no-cache-dir --target lib ./vendor/greet-1.0-py3-none-any.whl six==1.16.0
COPY . .
CMD ["python", "main.py"]
