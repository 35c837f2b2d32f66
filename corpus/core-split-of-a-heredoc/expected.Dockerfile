FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt .
RUN <<EOF
set -e
STAGE=build
export STAGE
pip install -r requirements.txt
EOF
COPY . .
RUN <<EOF
set -e
STAGE=build
export STAGE
# now the project
python manage.py a
EOF
