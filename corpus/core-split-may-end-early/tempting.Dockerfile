FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN if [ ! -f /wanted ]; then exit 0; fi; pip install -r requirements.txt
COPY . .
RUN python manage.py a
