FROM python:3.11-slim
WORKDIR /app

COPY requirements.txt .

RUN pip install -r requirements.txt

# dockerfile-fix: ignore[mixed-copy-before-install, build-metadata-before-install] in front of the install
COPY . .
CMD ["python", "app/main.py"]
