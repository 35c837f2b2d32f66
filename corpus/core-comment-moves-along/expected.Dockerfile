FROM python:3.11-slim
WORKDIR /app

COPY requirements.txt .

# Install the dependencies
RUN pip install --quiet -r requirements.txt

# Copy the application's code
COPY . .

# Start
CMD ["python", "server.py"]
