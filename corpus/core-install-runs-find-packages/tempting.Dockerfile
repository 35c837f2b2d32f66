FROM python:3.11-slim
WORKDIR /app
COPY setup.py .
RUN pip install --quiet --no-build-isolation .
COPY . .
CMD ["python", "-m", "service"]
