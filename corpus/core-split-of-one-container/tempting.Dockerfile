FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN echo name > /dev/shm/name && pip install -r requirements.txt
COPY . .
RUN python manage.py "$(cat /dev/shm/name || echo lost)"
