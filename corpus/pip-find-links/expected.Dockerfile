FROM python:3.11-slim
WORKDIR /app
COPY wheels/ wheels/
RUN pip install --no-index --find-links=wheels greet
COPY . .
CMD ["python", "main.py"]
