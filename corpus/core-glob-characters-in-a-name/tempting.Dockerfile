FROM python:3.11-slim
WORKDIR /app
COPY requirements[dev].txt ./
RUN pip install -r 'requirements[dev].txt'
COPY . .
