FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN echo idna==3.7 > requirements.txt
COPY requirements.txt .
RUN pip install --quiet -r requirements.txt
COPY . .
CMD ["python", "server.py"]
