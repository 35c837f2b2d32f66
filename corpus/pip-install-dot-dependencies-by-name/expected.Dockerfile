FROM python:3.11-slim
WORKDIR /app
RUN pip install --no-cache-dir python-dateutil==2.9.0.post0 'six>=1.16' iniconfig==2.0.0
COPY . .
RUN pip install --no-cache-dir -e '.[dev]'
