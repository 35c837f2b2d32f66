FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN sed -i "s/six.*/six==1.16.0/" requirements.txt
RUN pip install --no-cache-dir -r requirements.txt
COPY . .
CMD ["python", "main.py"]
