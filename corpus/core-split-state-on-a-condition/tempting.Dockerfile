FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN test -f /wanted && umask 077; pip install -r requirements.txt
COPY . .
RUN umask 077; python manage.py a
