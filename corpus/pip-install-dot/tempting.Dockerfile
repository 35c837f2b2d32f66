FROM python:3.11-slim
WORKDIR /app
COPY setup.py .
RUN pip install --no-cache-dir .
COPY . .
CMD ["greet"]
