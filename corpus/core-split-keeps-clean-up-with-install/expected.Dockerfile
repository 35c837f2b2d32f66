FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt && \
    rm -rf /root/.cache/pip
COPY . .
RUN python manage.py a
