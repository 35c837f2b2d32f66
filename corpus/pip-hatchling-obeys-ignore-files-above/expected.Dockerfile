FROM python:3.11-slim
WORKDIR /app
COPY .gitignore .
COPY libs/greet/ libs/greet/
RUN pip install --no-cache-dir ./libs/greet
COPY . .
CMD ["python", "main.py"]
