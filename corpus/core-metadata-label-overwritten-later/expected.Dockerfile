FROM python:3.11-slim
RUN pip install idna==3.7
ARG VCS_REF
LABEL ref=$VCS_REF kind=a
LABEL kind=b
RUN pip install six==1.16.0
