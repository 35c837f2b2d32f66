FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
# everything at once
RUN set -eux; \
    cd /app; \
    export STAGE=build; \
    pip install -r requirements.txt
COPY . .
# now the project
RUN set -eux; \
    export STAGE=build; \
    python manage.py a; \
    STAGE=test python manage.py b
