FROM python:3.11-slim
RUN pip install idna==3.7
ARG GIT_SHA
ENV GIT_SHA=$GIT_SHA
CMD ["python", "-c", "import os; print(os.environ['GIT_SHA'])"]
