FROM registry.access.redhat.com/ubi9/ubi-minimal
WORKDIR /opt/agent
COPY vendor/agent-1.0.x86_64.rpm vendor/
RUN rpm --import https://example.com/key.asc && rpm -ivh vendor/agent-1.0.x86_64.rpm
RUN microdnf install -y --nodocs shadow-utils && microdnf clean all
COPY . .
CMD ["agent"]
