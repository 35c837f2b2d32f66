require_relative "shop/version"
