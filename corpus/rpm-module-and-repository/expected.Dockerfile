FROM rockylinux:9
WORKDIR /app
RUN dnf -y install epel-release && dnf config-manager --set-enabled crb \
    && dnf -y module enable nodejs:20 \
    && dnf -y install --nodocs --setopt=install_weak_deps=False nodejs \
    && dnf clean all && rm -rf /var/cache/dnf
COPY . .
CMD ["node", "app.js"]
