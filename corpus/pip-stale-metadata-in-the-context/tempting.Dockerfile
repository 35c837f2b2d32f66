FROM python:3.11-slim
WORKDIR /app
COPY libs/greet/ libs/greet/
RUN pip install ./libs/greet
COPY . .
CMD ["python", "main.py"]
