FROM python:3.11-slim
WORKDIR /app
COPY pyproject.toml .
RUN pip install --group prod
COPY . .
CMD ["python", "main.py"]
