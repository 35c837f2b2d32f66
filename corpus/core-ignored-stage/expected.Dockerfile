# dockerfile-fix: ignore kept as our handbook prints it
FROM python:3.11-slim AS wheels
WORKDIR /wheels
COPY . .
RUN pip install -r requirements.txt

FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install -r requirements.txt
COPY . .
COPY --from=wheels /wheels/app/main.py /usr/local/bin/
